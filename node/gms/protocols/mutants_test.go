package protocols_test

import (
	"strings"
	"testing"

	"groupy/node/gms/protocols"
)

func TestMutantsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range protocols.Mutants {
		if _, err := protocols.Find(m.Protocol); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if m.Sentence == "" || m.Falls == "" || seen[m.Name] {
			t.Errorf("%+v: no sentence, nothing that falls, or the name is taken", m)
		}
		seen[m.Name] = true
		found, err := protocols.FindMutant(m.Protocol, m.Name)
		if err != nil || found != m {
			t.Errorf("FindMutant(%s, %s) gives %+v, %v", m.Protocol, m.Name, found, err)
		}
	}
}

func TestAnUnknownMutantIsToldWhichThereAre(t *testing.T) {
	_, err := protocols.FindMutant("gms4", "no-fence")
	if err == nil || !strings.Contains(err.Error(), "nack-once") || strings.Contains(err.Error(), "no-adopt") {
		t.Errorf("the error is %v; it should list gms4's mutants and no others", err)
	}
}
