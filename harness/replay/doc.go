// Package replay brings a run back: the same plan again, a real run's recording rebuilt
// exactly, or transplanted into a virtual world; and a store's kept failures again with
// this build. It says where two histories part.
package replay
