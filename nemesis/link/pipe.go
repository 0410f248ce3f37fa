package link

import (
	"net"
	"sync"
	"sync/atomic"
)

// pipe is one connection that from has opened to to: from's end src, and dst,
// the connection to where to listens.
type pipe struct {
	m        *Mesh
	from, to string
	src      *net.TCPConn
	forth    half
	back     half
	ready    atomic.Bool   // all fields are set
	done     chan struct{} // closed when the pipe is over

	dialing sync.Mutex // held while dialling
	mu      sync.Mutex
	dst     *net.TCPConn // nil until dialled
	refused bool         // nobody listened
	over    bool
}

func newPipe(m *Mesh, src *net.TCPConn, from, to string) *pipe {
	p := &pipe{m: m, from: from, to: to, src: src, done: make(chan struct{})}
	p.forth.init(p, &p.back, from, to)
	p.back.init(p, &p.forth, to, from)
	p.ready.Store(true)
	return p
}

// ends gives the pipe's connections; dst may be nil.
func (p *pipe) ends() (src, dst *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.src, p.dst
}

// connect dials the receiver, once. It reports whether there is a connection;
// if nobody listens, that travels back to the sender as a reset.
func (p *pipe) connect() bool {
	p.dialing.Lock()
	defer p.dialing.Unlock()
	p.mu.Lock()
	known, connected := p.over || p.refused || p.dst != nil, p.dst != nil
	p.mu.Unlock()
	if known {
		return connected
	}
	dst, err := p.m.dial(p.to)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil:
		p.refused = true
		p.forth.stream.line.count.refused.Add(1)
		p.back.finish(ending{reset: true})
		return false
	case p.over:
		abort(dst)
		return false
	}
	p.dst = dst
	sever(dst, p.forth.stream.Cut())
	p.m.start(p.back.read)
	return true
}

// untried reports that the receiver was not dialled yet.
func (p *pipe) untried() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dst == nil && !p.refused && !p.over
}

// reset ends the pipe with RST on both sides. Only those that a fault caused
// count; passing on that a process has died does not.
func (p *pipe) reset(fault bool) {
	p.finish(func(c *net.TCPConn) { abort(c) }, fault)
}

// close ends the pipe after both sides have closed.
func (p *pipe) close() { p.finish(func(c *net.TCPConn) { c.Close() }, false) }

func (p *pipe) finish(end func(*net.TCPConn), fault bool) {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return
	}
	p.over = true
	close(p.done)
	end(p.src)
	if p.dst != nil {
		end(p.dst)
	}
	p.mu.Unlock()
	if fault {
		p.forth.stream.Reset()
	} else {
		p.forth.stream.Close()
	}
	p.back.stream.Close()
	p.m.forget(p)
}
