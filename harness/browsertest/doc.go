// Package browsertest gives tests a real browser: each gets a headless Chromium
// with a profile of its own, which is gone after the test, or is skipped in one
// line where there is none.
//
// It must not know the pages.
package browsertest
