// Executes the cases on stdin with Go's own text/template, and writes what they print on stdout.
package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"text/template"
	"time"
)

type Point struct{ X, Y int }

type Person struct {
	Name   string
	Age    int
	Tags   []string
	Labels map[string]string
	Home   Point
	Score  float64
	Extra  any
}

func (Person) Greet(who string) string          { return "hello " + who }
func (p Person) Join(words ...string) string    { return strings.Join(words, p.Name) }
func (Person) Fail() (string, error)            { return "", errors.New("no luck") }
func (p Person) Older() Person                  { p.Age++; return p }

type Named struct{ Text string }

func (n Named) String() string { return "<" + n.Text + ">" }

func data(name string) any {
	person := Person{"Ann", 41, []string{"a", "b"}, map[string]string{"x.y": "1", "z": "2"}, Point{1, -2}, 2.5, nil}
	switch name {
	case "nil":
		return nil
	case "person":
		return person
	case "named":
		return map[string]any{"n": Named{"q"}, "list": []any{Named{"r"}, 1}}
	case "clock":
		return map[string]any{
			"t":     time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
			"f":     time.Date(2026, 1, 31, 10, 0, 0, 120000000, time.UTC),
			"d":     90*time.Minute + 500*time.Millisecond,
			"small": 1500 * time.Nanosecond, "none": time.Duration(0), "day": 25 * time.Hour, "minus": -3 * time.Second,
		}
	case "keys":
		return map[string]any{"m": map[int]string{10: "ten", 9: "nine", -1: "minus"}, "b": map[bool]int{true: 1, false: 0}}
	case "calls":
		return map[string]any{"person": person, "double": func(n int) int { return 2 * n }, "none": nil}
	}
	return map[string]any{
		"s": "text", "e": "", "n": 42, "zero": 0, "f": 1.5, "t": true, "no": false, "nothing": nil, "u": "añ世𝄞", "q": "a\"b\\c\n\t'<&>",
		"l": []any{1, "two", 3.5, nil, true}, "w": []any{"x", "y", "z"}, "el": []any{}, "nested": []any{[]any{1, 2}, []any{}},
		"m": map[string]any{"b": 2, "a": 1, "c": map[string]any{"d": nil}}, "em": map[string]any{},
		"neg": -7, "big": 9007199254740991, "bytes": []byte("hi"), "rows": []any{map[string]any{"k": "one", "v": 1}, map[string]any{"k": "two", "v": 2}},
		"long": 12.3456789012345, "tiny": 0.00001234, "huge": 1.5e21, "million": 1234567.5,
	}
}

type Case struct{ Data, Template, MissingKey string }

func run(c Case) (result map[string]string) {
	t := template.New("")
	if c.MissingKey != "" {
		t = t.Option("missingkey=" + c.MissingKey)
	}
	t, err := t.Parse(c.Template)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	var out strings.Builder
	if err := t.Execute(&out, data(c.Data)); err != nil {
		return map[string]string{"error": err.Error()}
	}
	return map[string]string{"output": out.String()}
}

func main() {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	results := []map[string]string{}
	for _, c := range cases {
		results = append(results, run(c))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(results); err != nil {
		panic(err)
	}
}
