package runtime

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
)

// pen writes outputs to where they go, in their order. Neighbours that go to the
// same place, stdout or one peer, become one write; whatever goes elsewhere is
// written before. So whoever has seen an output knows that those before it were
// done, also if the process was killed right after.
type pen struct {
	wire   Wire
	stdout io.Writer
	peers  map[string]*outbound
	log    hclog.Logger

	buf  []byte
	to   *outbound // where buf goes; nil: stdout
	fail error     // the first one; everything after it is thrown away
}

// line writes one line of the contract to stdout.
func (p *pen) line(l Line) {
	p.turn(nil)
	buf, err := appendLine(p.buf, p.wire.node, l)
	if err != nil {
		p.failed(err)
		return
	}
	p.buf = buf
}

// send writes one message to a peer, as a frame.
func (p *pen) send(s Send) {
	name, _ := node.SplitMember(s.To)
	peer := p.peers[name]
	if peer == nil {
		p.log.Warn("no address for a peer, dropping the message", "to", s.To, "kind", s.Message.Kind())
		return
	}
	p.turn(peer)
	start := len(p.buf)
	buf, err := p.wire.Append(append(p.buf, 0, 0, 0, 0), s)
	if err != nil {
		p.failed(err)
		return
	}
	size := len(buf) - start - 4
	if size > node.MaxFrame {
		p.log.Error("message is larger than a frame may be, dropping it", "to", s.To, "bytes", size, "limit", node.MaxFrame)
		buf = buf[:start]
	} else {
		binary.BigEndian.PutUint32(buf[start:], uint32(size))
	}
	p.buf = buf
}

// turn makes sure that what is in buf goes to the given place.
func (p *pen) turn(to *outbound) {
	if p.to != to {
		p.write()
		p.to = to
	}
}

// flush writes what is left. Its error is the first since the beginning: the
// node cannot go on.
func (p *pen) flush() error {
	p.write()
	return p.fail
}

func (p *pen) write() {
	switch {
	case len(p.buf) == 0 || p.fail != nil:
	case p.to != nil:
		p.to.write(p.buf)
	default:
		if _, err := p.stdout.Write(p.buf); err != nil {
			p.failed(fmt.Errorf("write to stdout: %w", err))
		}
	}
	p.buf = p.buf[:0]
}

func (p *pen) failed(err error) {
	if p.fail == nil {
		p.fail = err
	}
}
