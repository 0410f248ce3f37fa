package world

import (
	"errors"

	"groupy/nemesis/link"
	"groupy/node"
	"groupy/node/draw"
)

// sockets is the network of programs that dial the addresses they are given.
var sockets = Network{
	Name:     "sockets",
	Sentence: "connections on loopback, each through the harness: a node dials the addresses that it is given, and rules act on whole messages",
	open: func(w *Real) (carrier, error) {
		addresses, err := reserve(w.config.Nodes)
		if err != nil {
			return nil, err
		}
		mesh, err := link.NewMesh(link.NewTable(draw.New(w.config.Seed)), w.config.Nodes, w.Now)
		if err != nil {
			return nil, err
		}
		for name, address := range addresses {
			mesh.SetTarget(name, address)
		}
		return &socketNet{Mesh: mesh, world: w, addresses: addresses}, nil
	},
}

// socketNet is the mesh of sockets, with triggers that arrive as events.
type socketNet struct {
	*link.Mesh
	world     *Real
	addresses map[string]string // where each node listens
}

func (n *socketNet) meet(name string, init *node.Init) {
	init.Transport, init.Listen, init.Peers = node.TransportTCP, n.addresses[name], map[string]string{}
	for _, to := range n.world.config.Nodes {
		switch {
		case to == name:
		case n.world.config.NoLinks:
			init.Peers[to] = n.addresses[to]
		default:
			init.Peers[to] = n.Addr(name, to)
		}
	}
}

func (n *socketNet) starter(string) starter { return n.world.warden.Start }

func (n *socketNet) Close() error {
	n.Mesh.Close()
	return nil
}

func (n *socketNet) Arm(g link.Gate) error {
	if n.world.config.NoLinks {
		return errors.New("the nodes are connected without links: no trigger can see their messages")
	}
	n.Mesh.Arm(g, func() { n.world.queue.putNow(Sprung{ID: g.ID}) })
	return nil
}

// Comment implements Links: nothing records what passes on sockets.
func (*socketNet) Comment(string) {}
