package contract

import "strings"

// Nearest gives the word of a list that a misspelt one most likely stands for, or ""
// if none is near: the same letters in another case or with other signs between
// them, one that is part of the other, or few letters apart.
func Nearest(word string, list []string) string {
	best, least := "", 1<<30
	for _, w := range list {
		if d := apart(plainly(word), plainly(w)); d < least {
			best, least = w, d
		}
	}
	if word == "" || least > max(1, len(word)/2) {
		return ""
	}
	return best
}

// DidYouMean is the nearest word of a list as a question, " did you mean kill?", or "".
func DidYouMean(word string, list []string) string {
	if near := Nearest(word, list); near != "" {
		return " did you mean " + near + "?"
	}
	return ""
}

func plainly(word string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(word))
}

// apart is how many letters must be put in, taken out, changed or swapped with their
// neighbour to make one word the other; a word inside the other, its letters in
// order, counts as one.
func apart(a, b string) int {
	if a == b {
		return 0
	}
	if len(b) >= 3 && within(b, a) || len(a) >= 3 && within(a, b) {
		return 1
	}
	var before, row []int
	for j := range len(b) + 1 {
		row = append(row, j)
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// within reports whether the letters of a word stand in another in their order.
func within(word, in string) bool {
	for i := 0; i < len(in) && word != ""; i++ {
		if in[i] == word[0] {
			word = word[1:]
		}
	}
	return word == ""
}
