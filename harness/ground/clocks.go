package ground

import "time"

// ClockShift is by how much a program's clocks differ from the machine's: those
// that count from a start (CLOCK_MONOTONIC, CLOCK_BOOTTIME), which a time
// namespace can shift for whoever is started in it. The wall clock it cannot.
type ClockShift struct {
	Monotonic time.Duration `json:"monotonic_ns,omitempty"`
	Boot      time.Duration `json:"boot_ns,omitempty"`
}
