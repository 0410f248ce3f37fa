package replay

import (
	"testing"

	"groupy/harness/internal/proving"
)

func TestMain(m *testing.M) { proving.Main(m) }
