package history

// The scanner reads the lines that a Writer writes: no white space, known keys,
// numbers and plain strings. It takes a line whole or not at all; whatever is
// unusual is left to the general decoder, which alone knows the errors.

// plain says which bytes a string may hold for the scanner: ASCII that JSON does
// not escape.
var plain = func() (is [256]bool) {
	for c := ' '; c < 0x80; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// scan fills e from line and reports whether it could. If not, e is in no
// particular state.
func (d *decoder) scan(line []byte, e *Event) bool {
	*e = Event{Index: -1}
	i := 0
	if len(line) < 2 || line[0] != '{' {
		return false
	}
	for {
		key := d.quoted(line, i+1)
		if key < 0 || key+1 >= len(line) || line[key] != ':' {
			return false
		}
		if i = d.known(line[i+2:key-1], line, key+1, e); i < 0 || i >= len(line) {
			return false
		}
		switch line[i] {
		case ',':
		case '}':
			return i+1 == len(line)
		default:
			return false
		}
	}
}

// quoted gives the index after the plain string that begins at i, or -1.
func (d *decoder) quoted(line []byte, i int) int {
	if i >= len(line) || line[i] != '"' {
		return -1
	}
	for i++; i < len(line) && plain[line[i]]; i++ {
	}
	if i == len(line) || line[i] != '"' {
		return -1
	}
	return i + 1
}

// known takes the value of a key that begins at i, and gives the index after it, or
// -1 for a key or a value that is not for the scanner.
func (d *decoder) known(key, line []byte, i int, e *Event) int {
	switch string(key) {
	case "index":
		return scanInt(line, i, &e.Index)
	case "time":
		return scanInt(line, i, &e.Time)
	case "pid":
		var pid int64
		end := scanInt(line, i, &pid)
		e.PID = int(pid)
		return end
	case "value":
		end := d.quoted(line, i)
		if end >= 0 {
			e.Value = d.keep(line[i:end])
		}
		return end
	case "members":
		return d.list(line, i, &e.Members)
	}
	to := e.text(key)
	if to == nil {
		return -1
	}
	end := d.quoted(line, i)
	if end >= 0 {
		*to = d.intern(line[i+1 : end-1])
	}
	return end
}

// text is the field of a key whose value is a string, nil for any other key.
func (e *Event) text(key []byte) *string {
	switch string(key) {
	case "type":
		return (*string)(&e.Type)
	case "member":
		return &e.Member
	case "msg":
		return &e.Msg
	case "sender":
		return &e.Sender
	case "view":
		return &e.View
	case "state":
		return &e.State
	case "node":
		return &e.Node
	case "process":
		return &e.Process
	case "f":
		return &e.F
	case "error":
		return &e.Error
	case "how":
		return &e.How
	case "fault":
		return &e.Fault
	case "id":
		return &e.ID
	case "phase":
		return &e.Phase
	case "reason":
		return &e.Reason
	}
	return nil
}

// list takes a list of plain strings.
func (d *decoder) list(line []byte, i int, to *[]string) int {
	if line[i] != '[' || i+1 == len(line) {
		return -1
	}
	list := []string{}
	if i++; line[i] == ']' {
		*to = list
		return i + 1
	}
	for {
		end := d.quoted(line, i)
		if end < 0 || end == len(line) {
			return -1
		}
		list = append(list, d.intern(line[i+1:end-1]))
		switch line[end] {
		case ',':
			i = end + 1
		case ']':
			*to = list
			return end + 1
		default:
			return -1
		}
	}
}

// scanInt takes an integer of 18 digits at most, as JSON writes it.
func scanInt(line []byte, i int, to *int64) int {
	negative := line[i] == '-'
	if negative {
		i++
	}
	from, n := i, int64(0)
	for ; i < len(line) && '0' <= line[i] && line[i] <= '9'; i++ {
		if n = n*10 + int64(line[i]-'0'); i-from >= 18 {
			return -1
		}
	}
	if i == from || line[from] == '0' && i > from+1 {
		return -1
	}
	if negative {
		n = -n
	}
	*to = n
	return i
}
