// Package edn reads EDN, the notation in which Clojure programs, Jepsen among
// them, write data down (https://github.com/edn-format/edn). It keeps what a value
// said word by word: numbers keep their digits, maps their order, tags their names.
// Input of any kind gives values or an error that names line and column; nesting
// and length are bounded, so that no input exhausts the memory or the stack.
//
// It reads what data files hold and not what only programs need: #_ discards,
// comments, namespaced keywords, characters, ratios, and tagged values with any
// tag. The one library there is has no release since 2020, knows no ratios and
// names no places.
package edn
