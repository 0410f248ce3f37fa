package linear

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// Picture is a problem with all that it takes to draw it.
type Picture struct {
	Problem Problem  `json:"problem"`
	Labels  []Label  `json:"labels"` // of each operation
	Texts   []string `json:"texts"`  // of each value
	Windows []Window `json:"windows"`
}

// Label is an operation in words.
type Label struct {
	Client string `json:"client"`
	Text   string `json:"text"`
	Line   int    `json:"line"` // of its call in the file
}

// Window is a time in which something was wrong with the world, from and to places
// in the history.
type Window struct {
	Name string `json:"name"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
}

// Draw writes porcupine's own page: each client's operations, the orders that were
// found, and the windows. It searches for the given time at most. Whatever a node
// or a client may have written is made harmless first: the page shows some of it as
// HTML.
func (p *Picture) Draw(out io.Writer, limit time.Duration) (err error) {
	defer func() {
		if r := recover(); r != nil { // porcupine panics where it contradicts itself
			err = fmt.Errorf("draw: %v", r)
		}
	}()
	model := p.Problem.model(new(Progress))
	index := map[*Op]int{}
	for i := range p.Problem.Ops {
		index[&p.Problem.Ops[i]] = i
	}
	model.DescribeOperation = func(input, _ any) string { return harmless(p.Labels[index[input.(*Op)]].Text) }
	model.DescribeOperationMetadata = func(m any) string { return harmless(fmt.Sprint(m)) }
	model.DescribeState = func(state any) string { return harmless(p.describe(state.(path).state)) }
	list := p.Problem.operations()
	end := int64(0)
	for i := range list {
		end = max(end, list[i].Call)
		if list[i].Return != Open {
			end = max(end, list[i].Return)
		}
	}
	clients := map[string]int{}
	for i := range list {
		label := p.Labels[index[list[i].Input.(*Op)]]
		if _, ok := clients[label.Client]; !ok {
			clients[label.Client] = len(clients)
		}
		list[i].ClientId = clients[label.Client]
		list[i].Metadata = fmt.Sprintf("%s, line %d", label.Client, label.Line)
		list[i].Return = min(list[i].Return, end+1)
	}
	_, info := porcupine.CheckOperationsVerbose(model, list, limit)
	var windows []porcupine.Annotation
	for _, w := range p.Windows {
		windows = append(windows, porcupine.Annotation{
			Tag: harmless(w.Name), Start: w.From, End: min(w.To, end+1), Description: harmless(w.Name),
			Details: harmless(fmt.Sprintf("%s, events %d to %d", w.Name, w.From, w.To)), BackgroundColor: "#f4d9d0",
		})
	}
	info.AddAnnotations(windows)
	return porcupine.Visualize(model, info, out)
}

// describe is a state in words.
func (p *Picture) describe(state any) string {
	text := func(v int32) string {
		if int(v) < len(p.Texts) {
			return p.Texts[v]
		}
		return fmt.Sprint("value ", v)
	}
	switch s := state.(type) {
	case int32:
		return text(s)
	case []int32:
		var parts []string
		for _, v := range s {
			parts = append(parts, text(v))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(state)
}

// harmless takes the meaning for HTML out of a text, and shortens it. The look-alikes
// are readable both where the page escapes its texts and where it does not.
func harmless(text string) string {
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:199]) + "…"
	}
	return strings.NewReplacer("<", "‹", ">", "›", "&", "＆", `"`, "”", "'", "’", "`", "’").Replace(text)
}
