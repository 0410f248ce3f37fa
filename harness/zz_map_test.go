package harness

import ("testing";"os")

func TestZZ(t *testing.T) {
	p := overTheGroup(t, "map", 3, nil)
	os.WriteFile("/tmp/h.jsonl", inSim(t, p), 0o644)
}
