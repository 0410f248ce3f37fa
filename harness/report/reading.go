package report

import (
	_ "embed"
	"html/template"
	"regexp"
)

// Reading says how a report is read, in ten lines; the first nine are numbers in the
// picture. docs/reading.md has the same.
var Reading = []string{
	"n1.2 is a member: the second process of the node n1. A process that is started again is a new member, with a lane of its own.",
	"A band is a view: who is in the group, as this member was told. The same colour is the same view, and the first of its members leads.",
	"A dot is a delivery: the member hands a message to its application.",
	"An arrow goes from where a message was asked for to where it is delivered.",
	"m93 is a message of the main phase. b12 is one of the bootstrap, while the group forms. probe-n1.2 is the last of n1.2: with it the member shows that it takes part again after all faults.",
	"A cross is a process that is killed or ends by itself, a bar one that shuts down as it was asked to, a diamond a member that learns that it was put out of the group.",
	"A hatched band is a view that is not primary: its members have no majority of the view before, and must not go on alone.",
	"A shaded stretch is a fault, from where it took hold to where it was undone. A dashed line is a link that it cut.",
	"A finding is shown by its witness: the few events, numbered in their order, that are impossible together. A hollow mark is a delivery that never came.",
	"What is promised decides the verdict. What is observed, not promised, is looked at and decides nothing. A dash says that there was nothing to compare.",
}

//go:embed assets/reading.svg
var readingPicture string

// picture is the picture of Reading for a page, whose style sheet has its own colours.
func picture() template.HTML {
	return template.HTML(regexp.MustCompile(`(?s)<style>.*?</style>\n?`).ReplaceAllString(readingPicture, ""))
}
