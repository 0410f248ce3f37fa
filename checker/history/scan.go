package history

// The scanner reads the lines that a Writer writes: no white space, known keys,
// numbers and plain strings. It takes a line whole or not at all; whatever is
// unusual is left to the general decoder, which alone knows the errors.

// The keys that the scanner takes, in the order in which a Writer writes them.
const (
	keyIndex = iota
	keyTime
	keyType
	keyNode
	keyMember
	keyPID
	keyHow
	keyProcess
	keyF
	keyValue
	keyError
	keyMsg
	keySender
	keyView
	keyMembers
	keyState
	keyFault
	keyID
	keyPhase
	keyReason
	keyCount
)

// scanned are their names, none longer than 7 bytes.
var scanned = [keyCount]string{
	keyIndex:   "index",
	keyTime:    "time",
	keyType:    "type",
	keyNode:    "node",
	keyMember:  "member",
	keyPID:     "pid",
	keyHow:     "how",
	keyProcess: "process",
	keyF:       "f",
	keyValue:   "value",
	keyError:   "error",
	keyMsg:     "msg",
	keySender:  "sender",
	keyView:    "view",
	keyMembers: "members",
	keyState:   "state",
	keyFault:   "fault",
	keyID:      "id",
	keyPhase:   "phase",
	keyReason:  "reason",
}

// keyWord is a key of scanned as it stands in a line, with the quote behind it: its
// first bytes as a word.
type keyWord struct {
	word, mask uint64
	length     int
}

var keyWords = func() (words [keyCount]keyWord) {
	for i, key := range scanned {
		var b [8]byte
		copy(b[:], key+`"`)
		words[i] = keyWord{word(b[:], 0), 1<<(8*(len(key)+1)) - 1, len(key)}
	}
	return words
}()

// keyGuess is the key that is thought to come next.
type keyGuess uint8

// set guesses the key that w begins with, and reports whether there is one.
func (g *keyGuess) set(w uint64) bool {
	for i := range keyWords {
		if w&keyWords[i].mask == keyWords[i].word {
			*g = keyGuess(i)
			return true
		}
	}
	return false
}

// scan fills e from the line that begins at b[i] and ends in a newline, after which
// at least pad bytes follow. It gives the index after the newline, or -1 if it
// could not; then e is in no particular state.
func (d *decoder) scan(b []byte, i int, e *Event) int {
	*e = Event{Index: -1}
	if b[i] != '{' {
		return -1
	}
	key := keyCount
	for {
		if b[i+1] != '"' {
			return -1
		}
		// Most lines have the keys of the line before: with a guess the processor goes
		// on before it has compared the bytes.
		guess := &d.guesses[key]
		if w := word(b, i+2); w&keyWords[*guess].mask != keyWords[*guess].word && !guess.set(w) {
			return -1
		}
		key = int(*guess)
		if i += keyWords[key].length + 3; b[i] != ':' {
			return -1
		}
		if i = d.take(key, b, i+1, e); i < 0 {
			return -1
		}
		switch {
		case b[i] == ',':
		case b[i] == '}' && b[i+1] == '\n':
			return i + 2
		default:
			return -1
		}
	}
}

// take takes the value of a key. It gives the index after it, or -1 for what is not
// for the scanner.
func (d *decoder) take(key int, b []byte, i int, e *Event) int {
	var to *string
	switch key {
	case keyIndex:
		return scanInt(b, i, &e.Index)
	case keyTime:
		return scanInt(b, i, &e.Time)
	case keyType:
		to = (*string)(&e.Type)
	case keyNode:
		to = &e.Node
	case keyMember:
		to = &e.Member
	case keyPID:
		return d.pid(b, i, e)
	case keyHow:
		to = &e.How
	case keyProcess:
		to = &e.Process
	case keyF:
		to = &e.F
	case keyValue:
		return d.value(b, i, e)
	case keyError:
		to = &e.Error
	case keyMsg:
		to = &e.Msg
	case keySender:
		to = &e.Sender
	case keyView:
		to = &e.View
	case keyMembers:
		return d.list(b, i, e)
	case keyState:
		to = &e.State
	case keyFault:
		to = &e.Fault
	case keyID:
		to = &e.ID
	case keyPhase:
		to = &e.Phase
	case keyReason:
		to = &e.Reason
	}
	return d.name(b, i, to)
}

// name takes a plain string.
func (d *decoder) name(b []byte, i int, to *string) int {
	if b[i] != '"' {
		return -1
	}
	i++
	w := word(b, i)
	n := upTo(specials(w))
	if n == 8 {
		return d.longName(b, i, to)
	}
	if b[i+n] != '"' {
		return -1
	}
	*to = d.short(first(w, n), b[i:i+n])
	return i + n + 1
}

// longName takes a plain string of eight bytes and more.
func (d *decoder) longName(b []byte, i int, to *string) int {
	end := skipText(b, i-1)
	if end > 0 {
		*to = d.intern(b[i : end-1])
	}
	return end
}

// list takes a list of plain strings.
func (d *decoder) list(b []byte, i int, e *Event) int {
	if b[i] != '[' {
		return -1
	}
	e.Members = []string{}
	if b[i+1] == ']' {
		return i + 2
	}
	for {
		var name string
		if i = d.name(b, i+1, &name); i < 0 {
			return -1
		}
		e.Members = append(e.Members, name)
		switch b[i] {
		case ',':
		case ']':
			return i + 1
		default:
			return -1
		}
	}
}

func (d *decoder) pid(b []byte, i int, e *Event) int {
	var pid int64
	end := scanInt(b, i, &pid)
	e.PID = int(pid)
	return end
}

// value takes plain JSON of any shape.
func (d *decoder) value(b []byte, i int, e *Event) int {
	end := skipPlain(b, i, 0)
	if end >= 0 {
		e.Value = d.keep(b[i:end])
	}
	return end
}

// deepest is how deep the values nest that the scanner takes.
const deepest = 8

// skipPlain gives the index after a value without white space, escapes and
// fractions, or -1.
func skipPlain(b []byte, i, depth int) int {
	switch c := b[i]; {
	case c == '"':
		return skipText(b, i)
	case c == 'n' && string(b[i:i+4]) == "null", c == 't' && string(b[i:i+4]) == "true":
		return i + 4
	case c == 'f' && string(b[i:i+5]) == "false":
		return i + 5
	case (c == '{' || c == '[') && depth < deepest:
		return skipInside(b, i, depth+1)
	}
	var n int64
	return scanInt(b, i, &n)
}

// skipInside gives the index after an object or a list that begins at b[i].
func skipInside(b []byte, i, depth int) int {
	object, closing := b[i] == '{', b[i]+2 // '}' follows two after '{', and so does ']' after '['
	if b[i+1] == closing {
		return i + 2
	}
	for {
		i++
		if object {
			if i = skipText(b, i); i < 0 || b[i] != ':' {
				return -1
			}
			i++
		}
		if i = skipPlain(b, i, depth); i < 0 {
			return -1
		}
		switch b[i] {
		case ',':
		case closing:
			return i + 1
		default:
			return -1
		}
	}
}

// skipText gives the index after a plain string.
func skipText(b []byte, i int) int {
	if b[i] != '"' {
		return -1
	}
	for i++; ; i += 8 {
		if n := upTo(specials(word(b, i))); n < 8 {
			if i += n; b[i] != '"' {
				return -1
			}
			return i + 1
		}
	}
}

// scanInt takes an integer of 16 digits at most, as JSON writes it. What follows is
// the caller's to look at: of a longer number, or a fraction, it is the rest.
func scanInt(b []byte, i int, to *int64) int {
	negative := b[i] == '-'
	if negative {
		i++
	}
	n, value := digits(word(b, i))
	if n == 0 || b[i] == '0' && n > 1 {
		return -1
	}
	i += n
	if n == 8 {
		more, low := digits(word(b, i))
		value = value*tens[more] + low
		i += more
	}
	*to = int64(value)
	if negative {
		*to = -*to
	}
	return i
}

// tens are the powers of ten.
var tens = [...]uint64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8}
