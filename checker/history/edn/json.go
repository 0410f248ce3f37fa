package edn

import (
	"bytes"
	"encoding/json"
	"math/big"
)

// FromJSON is the value that JSON says: objects become maps of strings, and numbers
// keep their digits. Text that is no JSON becomes nil.
func FromJSON(raw json.RawMessage) Value {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, _ := fromTokens(dec)
	return v
}

func fromTokens(dec *json.Decoder) (Value, bool) {
	token, err := dec.Token()
	if err != nil {
		return Value{}, false
	}
	switch t := token.(type) {
	case json.Delim:
		v := Value{Kind: Vector}
		switch t {
		case '{':
			v.Kind = Map
		case '[':
		default:
			return Value{}, false // the end of what holds it
		}
		for {
			item, ok := fromTokens(dec)
			if !ok {
				return v, true
			}
			v.Items = append(v.Items, item)
		}
	case string:
		return Text(t), true
	case json.Number:
		return Value{Kind: Number, Text: digits(t.String())}, true
	case bool:
		if t {
			return Value{Kind: Bool, Text: "true"}, true
		}
		return Value{Kind: Bool, Text: "false"}, true
	}
	return Value{}, true
}

// digits marks a whole number as big where Clojure would not read it otherwise.
func digits(text string) string {
	if n, whole := new(big.Int).SetString(text, 10); whole && !n.IsInt64() {
		return text + "N"
	}
	return text
}
