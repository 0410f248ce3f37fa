package runtime

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/gms"
	"groupy/node/machine"
)

// pen writes outputs to where they go, in their order. It holds those of one step
// until flush. Neighbours that go to the same place, stdout or one peer, become
// one write; whatever goes elsewhere is written before. So whoever has seen an
// output knows that those before it were done, also if the process was killed
// right after.
type pen struct {
	wire   machine.Wire
	stdout io.Writer
	peers  map[string]*outbound
	log    hclog.Logger

	// How lines to the harness begin, which most are; nil until there is one.
	opening []byte

	buf  []byte
	runs []run            // what is in buf
	fail error            // the first one; everything after it is thrown away
	last machine.Appender // the message written last
	text []byte           // how that is written
}

// run is a part of a pen's buffer that goes to one place.
type run struct {
	to  *outbound // nil: stdout
	end int       // in buf
}

// line takes one line of the contract for stdout, and gives it as it is written,
// valid until the next call.
func (p *pen) line(l *machine.Line) []byte {
	start := len(p.buf)
	buf, err := p.appendLine(l)
	if err != nil {
		p.failed(err)
		return nil
	}
	p.add(nil, buf)
	return buf[start:]
}

func (p *pen) appendLine(l *machine.Line) ([]byte, error) {
	if l.Dest != node.Harness {
		return machine.AppendLine(p.buf, p.wire.Node, l)
	}
	if p.opening == nil {
		p.opening = node.Opening(p.wire.Node, node.Harness)
	}
	return node.AppendBody(append(p.buf, p.opening...), l.Body)
}

// send takes one message for a peer, and gives its envelope, valid until the next
// call. It will be written as a frame.
func (p *pen) send(s machine.Send) []byte {
	start := len(p.buf)
	buf, err := p.wire.AppendAs(append(p.buf, 0, 0, 0, 0), s, func(buf []byte) ([]byte, error) { return p.message(buf, s.Message) })
	if err != nil {
		p.failed(err)
		return nil
	}
	envelope := buf[start+4:]
	name, _ := node.SplitMember(s.To)
	switch peer := p.peers[name]; {
	case peer == nil:
		p.log.Warn("no address for a peer, dropping the message", "to", s.To, "kind", s.Message.Kind())
	case len(envelope) > node.MaxFrame:
		p.log.Error("message is larger than a frame may be, dropping it", "to", s.To, "bytes", len(envelope), "limit", node.MaxFrame)
	default:
		binary.BigEndian.PutUint32(buf[start:], uint32(len(envelope)))
		p.add(peer, buf)
	}
	return envelope
}

// message appends a message, which is often the one before to another member.
func (p *pen) message(buf []byte, m gms.Message) ([]byte, error) {
	a, ok := m.(machine.Appender)
	if !ok {
		return machine.AppendMessage(buf, m)
	}
	if a != p.last {
		var err error
		if p.text, err = a.AppendJSON(p.text[:0]); err != nil {
			p.last = nil
			return buf, err
		}
		p.last = a
	}
	return append(buf, p.text...), nil
}

// add keeps what was appended to the buffer.
func (p *pen) add(to *outbound, buf []byte) {
	p.buf = buf
	if n := len(p.runs); n > 0 && p.runs[n-1].to == to {
		p.runs[n-1].end = len(buf)
		return
	}
	p.runs = append(p.runs, run{to, len(buf)})
}

// flush writes all of it. Its error is the first since the beginning: the node
// cannot go on.
func (p *pen) flush() error {
	start := 0
	for _, r := range p.runs {
		p.Write(r.to, p.buf[start:r.end])
		start = r.end
	}
	p.buf, p.runs = p.buf[:0], p.runs[:0]
	return p.fail
}

func (p *pen) Write(to *outbound, b []byte) {
	if p.fail != nil {
		return
	}
	if to != nil {
		to.Write(b)
	} else if _, err := p.stdout.Write(b); err != nil {
		p.failed(fmt.Errorf("write to stdout: %w", err))
	}
}

func (p *pen) failed(err error) {
	if p.fail == nil {
		p.fail = err
	}
}
