package trust

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keySize is that of the key in bytes.
const keySize = 32

// Mark gives the mark of some words, in hexadecimal. The error says that no key can be
// kept: what is not marked is then not trusted later.
func Mark(words ...string) (string, error) {
	key, err := userKey(true)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sign(key, words)), nil
}

// Made reports whether this user made the mark on this machine, of just these words.
func Made(mark string, words ...string) bool {
	given, err := hex.DecodeString(mark)
	if err != nil || len(given) == 0 {
		return false
	}
	key, err := userKey(false)
	return err == nil && hmac.Equal(given, sign(key, words))
}

// sign is the HMAC of the words, each with its length before it.
func sign(key []byte, words []string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, w := range words {
		_ = binary.Write(mac, binary.BigEndian, uint64(len(w))) // a hash takes everything
		mac.Write([]byte(w))
	}
	return mac.Sum(nil)
}

// userKey reads the key in the user's configuration folder, and may make it.
func userKey(may bool) ([]byte, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return nil, err
	}
	folder = filepath.Join(folder, "groupy")
	file := filepath.Join(folder, "key")
	if key, err := readKey(file); !may || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	// Several may make it at once: who links first wins, and a key is whole or not there.
	fresh, err := os.CreateTemp(folder, "key-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, fresh.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(fresh.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readKey(file)
}

func readKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key := make([]byte, keySize)
	if n, err := hex.Decode(key, trimmed(text)); err != nil || n != keySize {
		return nil, fmt.Errorf("%s is no key of %d bytes in hexadecimal; remove it, and a new one is made", file, keySize)
	}
	return key, nil
}

// trimmed is the first 2·keySize bytes of a key file, or fewer, so that no more is decoded
// than fits.
func trimmed(text []byte) []byte {
	return text[:min(len(text), 2*keySize)]
}
