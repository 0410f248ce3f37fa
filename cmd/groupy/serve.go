package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"groupy/harness/run"
	"groupy/harness/serve"
	"groupy/harness/store"
)

func serveCommand() *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "serve [STORE]",
		Short: "Browse a store: campaigns, runs, reports, logs, and what runs now",
		Long: `Show a store to a browser until Ctrl-C. Nothing can be changed there. Without
STORE it is the folder store.`,
		Example: "  groupy serve\n  groupy serve --addr 127.0.0.1:8080 store",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store := "store"
			if len(args) > 0 {
				store = args[0]
			}
			site, err := openSite(store, addr)
			if err != nil {
				return err
			}
			if !site.listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
				fmt.Fprintln(cmd.ErrOrStderr(), "other machines can read this store now")
			}
			fmt.Fprintln(cmd.OutOrStdout(), site.url())
			<-cmd.Context().Done()
			return site.close()
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where to listen; port 0: any that is free")
	return cmd
}

// site is a store that is being served.
type site struct {
	listener net.Listener
	server   *http.Server
	pages    *serve.Server
	done     chan error
}

func openSite(store, addr string) (*site, error) {
	pages, err := serve.New(serve.Config{Store: store, Now: time.Now})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--addr: %w", err), pages.Close())
	}
	s := &site{listener: listener, pages: pages, done: make(chan error, 1)}
	s.server = &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.done <- s.server.Serve(listener) }()
	return s, nil
}

func (s *site) url() string { return "http://" + s.listener.Addr().String() + "/" }

// live is the address of a run's live page.
func (s *site) live(store string, folder store.Folder) string {
	name, err := filepath.Rel(store, string(folder))
	if err != nil {
		return s.url()
	}
	return s.url() + (&url.URL{Path: "run/" + filepath.ToSlash(name) + "/live"}).EscapedPath()
}

// close lets pages that follow a run hear of its end, for a moment at most.
func (s *site) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
	err := <-s.done
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.pages.Close())
}

// watchJob has a run's live page served while it goes, and gives what ends that.
func watchJob(out io.Writer, job *run.Job) (end func(), err error) {
	if err := os.MkdirAll(job.Store, 0o755); err != nil {
		return nil, fmt.Errorf("make the store: %w", err)
	}
	site, err := openSite(job.Store, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	job.Opened = func(folder store.Folder) { fmt.Fprintln(out, "watch:", site.live(job.Store, folder)) }
	return func() { _ = site.close() }, nil
}
