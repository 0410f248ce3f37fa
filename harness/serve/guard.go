package serve

import (
	"net"
	"net/http"
	"net/url"
)

// guard lets through what only reads and what was asked for by a page of ours or
// by nobody's: GET and HEAD, with a Host that is an address or localhost. A page
// from elsewhere that had its own name lead here (DNS rebinding) comes with that
// name.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET: nothing here can be changed", http.StatusMethodNotAllowed)
		case !ownHost(r.Host):
			http.Error(w, "the Host must be an address or localhost", http.StatusForbidden)
		case !ownOrigin(r):
			http.Error(w, "the Origin is another site", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func ownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "localhost" || net.ParseIP(name) != nil
}

func ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host
}
