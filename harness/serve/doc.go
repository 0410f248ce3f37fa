// Package serve shows a store to a browser. Its guarantee: nothing that it is
// asked changes anything, nothing outside the store is ever given away, whatever
// links or names are in it, and a page from elsewhere cannot read it through the
// reader's browser.
package serve
