package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"groupy/harness/verdict"
)

// the page's parts

// File is the report's name in a run's folder.
const File = "report.html"

var (
	//go:embed assets/page.html
	pageText string
	//go:embed assets/style.css
	styleText string
	//go:embed assets/model.js
	modelText string
	//go:embed assets/view.js
	viewText string
	//go:embed assets/diagram.js
	diagramText string
	//go:embed assets/marks.js
	marksText string
	//go:embed assets/charts.js
	chartsText string
	//go:embed assets/tiles.js
	tilesText string
	//go:embed assets/page.js
	scriptText string
)

// Style is the style sheet of all pages.
var Style = styleText

// Parts is the script that draws a run: the model of a history, and the canvases
// that show it. It defines names and does nothing by itself.
func Parts() string {
	return strings.Join([]string{`"use strict";`, modelText, viewText, marksText, diagramText, chartsText, tilesText}, "\n")
}

func script() string { return Parts() + scriptText }

// page is the page of a report; its data is a *Page. It is parsed when the first
// one is drawn, since nodes are processes of this program too and draw none.
var page = sync.OnceValues(func() (*template.Template, error) {
	return template.New(File).Funcs(template.FuncMap{
		"style":   func() template.CSS { return template.CSS(Style) },
		"script":  func() template.JS { return template.JS(script()) },
		"plain":   func(text string) string { return strings.ReplaceAll(text, "`", "") },
		"reading": func() []string { return Reading },
		"picture": picture,
		"policy":  func() string { return Policy(script()) },
	}).Parse(pageText)
})

// Policy is a content security policy that lets a page run this script and show
// the style sheet of all pages, and load nothing.
func Policy(script string) string {
	return fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", hash(script), hash(Style))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Draw writes the report of a run's folder beside its verdict, whole or not at
// all: a report that is there already stays if this fails. See Read for the
// judgement. Whatever goes wrong is an error, also a bug in the drawing: it must
// not cost anybody a verdict.
func Draw(folder string, j *verdict.Judgement) error {
	page, err := page()
	if err != nil {
		return fmt.Errorf("draw the report: %w", err)
	}
	return DrawWith(page, folder, j)
}

// DrawWith is Draw with a page of the caller's.
func DrawWith(page *template.Template, folder string, j *verdict.Judgement) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = fmt.Errorf("draw the report: %v", bug)
		}
	}()
	var buf bytes.Buffer
	if err := write(page, &buf, folder, j); err != nil {
		return fmt.Errorf("draw the report: %w", err)
	}
	half := filepath.Join(folder, File+".part")
	if err := os.WriteFile(half, buf.Bytes(), 0o644); err != nil {
		return errors.Join(fmt.Errorf("store the report: %w", err), os.RemoveAll(half))
	}
	return os.Rename(half, filepath.Join(folder, File))
}

// Write draws the report of a run's folder to out, and leaves the folder alone.
func Write(out io.Writer, folder string) error {
	page, err := page()
	if err != nil {
		return err
	}
	return write(page, out, folder, nil)
}

func write(page *template.Template, out io.Writer, folder string, j *verdict.Judgement) error {
	p, err := Read(folder, j)
	if err != nil {
		return err
	}
	return page.Execute(out, p)
}
