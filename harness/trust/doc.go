// Package trust tells files that this user made from files of strangers. A run's or a
// campaign's folder names a program to start; whoever sends one could name any. So what
// Groupy writes of a program carries a mark, which only a key of this user on this
// machine makes. Its guarantee: without the key no mark is good, and any change of what
// is marked breaks it.
//
// It takes what is to be marked, as words, and gives the mark. It must not know what the
// words mean, nor start anything.
package trust
