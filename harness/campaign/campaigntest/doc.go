// Package campaigntest writes campaigns for tests: folders as a campaign leaves them.
//
// It must not run anything: what it writes is made up, and says so by its names.
package campaigntest
