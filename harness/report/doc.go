// Package report draws a run as one page of HTML. Its guarantee: the page says
// nothing that the run's folder does not hold, loads nothing from elsewhere, and
// runs no script but its own, whatever a node wrote into a name; and drawing
// changes nothing but the page: no failure of it reaches a verdict.
package report
