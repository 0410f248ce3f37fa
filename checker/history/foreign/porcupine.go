package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"

	"groupy/checker/history/edn"
)

var porcupineKV = Format{
	Name:     "porcupine-kv",
	Sentence: "the logs of porcupine's key-value tests: a map for each event, with :key, and get, put and append as :f",
	Model:    "text",
	read:     readPorcupineKV,
	like: func(head []byte) bool {
		line, _, _ := bytes.Cut(head, []byte{'\n'})
		return bytes.HasPrefix(line, []byte("{:")) && bytes.Contains(line, []byte(":key")) && bytes.Contains(line, []byte(":process"))
	},
}

func readPorcupineKV(in *input) error {
	j := newJepsen(in)
	return eachMap(in, func(v edn.Value) error {
		op, err := in.ednOp(v)
		if err != nil {
			return err
		}
		key, held := op.more["key"]
		if !held {
			return in.fail(op.line, op.column, "an event without :key")
		}
		value := op.value
		if value == nil {
			value = json.RawMessage("null")
		}
		op.value = fmt.Appendf(nil, `{"key":%s,"value":%s}`, quoted(plain(key)), value)
		return j.take(op)
	})
}
