// Package index is a store's database: what campaigns' journals hold, made easy to ask.
// The journals are the truth; it can always be rebuilt from them.
package index
