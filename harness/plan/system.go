package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"groupy/harness/system"
	"groupy/node/contract"
	"groupy/node/draw"
	"groupy/workloads"
)

// systemOf gives the level under test and the config that its nodes get. Another
// program gets the user's options alone, and promises what the checker asks of
// everybody.
func systemOf(o Options, load workloads.Workload, faulty bool, k draw.Key) (system.Level, json.RawMessage, error) {
	config := map[string]any{}
	level := system.Level{Name: o.Protocol, Quorum: true}
	if !o.NodeDoesOwn {
		found := false
		for _, l := range system.Levels {
			if l.Name == o.Protocol {
				level, found = l, true
			}
		}
		if !found {
			return level, nil, fmt.Errorf("no protocol %q;%s there are %s", o.Protocol, contract.DidYouMean(o.Protocol, system.LevelNames()), strings.Join(system.LevelNames(), ", "))
		}
		if o.Durable && !level.Durable {
			return level, nil, fmt.Errorf("--durable: %s keeps nothing on disk; gms5 does", o.Protocol)
		}
		config["protocol"] = o.Protocol
		config["app"] = load.App
		config["heartbeat_ms"] = o.Heartbeat.Milliseconds()
		config["timeout_ms"] = o.Timeout.Milliseconds()
		if o.Durable {
			config["durable"] = true
			if faulty { // where a base takes the records' place more often, more goes wrong
				config["base_every"] = []int{4, 16, 64, 512}[k.Intn(4)]
			}
		} else {
			config["record"] = true // in the real world; the virtual ones repeat without it
		}
		if o.History > 0 {
			config["history"] = o.History
		}
		if o.LocalReads {
			config["local_reads"] = true
		}
		if o.Mutant != "" {
			config["mutant"] = o.Mutant
		}
		if o.Muted {
			config["muted"] = true
		}
	}
	if o.Config != "" {
		own := map[string]any{}
		if err := json.Unmarshal([]byte(o.Config), &own); err != nil {
			return level, nil, fmt.Errorf("--config is not a JSON object: %w", err)
		}
		maps.Copy(config, own)
	}
	raw, err := json.Marshal(config)
	return level, raw, err
}
