package ground

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// deviceName is what the machine's end of its cable is called.
const deviceName = "wire0"

// openDevice makes the machine's network device and gives the end of its cable.
// The descriptor belongs to the network namespace of who opens it, and so it is
// opened in here. Without IFF_NO_PI there would be four bytes before each packet.
func openDevice(s Spec) (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	if err := configure(fd, s); err != nil {
		_ = unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

func configure(tun int, s Spec) error {
	device, err := unix.NewIfreq(deviceName)
	if err != nil {
		return err
	}
	device.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(tun, unix.TUNSETIFF, device); err != nil {
		return fmt.Errorf("make a network device: %w", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	up := func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }
	for _, step := range []struct {
		what, device string
		request      uint
		fill         func(*unix.Ifreq) error
	}{
		{"bring loopback up", "lo", unix.SIOCSIFFLAGS, up}, // it starts down, and a node's own address goes by it
		{"set the address", deviceName, unix.SIOCSIFADDR, func(r *unix.Ifreq) error {
			return r.SetInet4Addr(s.Address.Addr().AsSlice())
		}},
		{"set the netmask", deviceName, unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error {
			return r.SetInet4Addr(net.CIDRMask(s.Address.Bits(), 32))
		}},
		{"set the MTU", deviceName, unix.SIOCSIFMTU, func(r *unix.Ifreq) error { r.SetUint32(uint32(s.MTU)); return nil }},
		{"bring the device up", deviceName, unix.SIOCSIFFLAGS, up},
	} {
		r, err := unix.NewIfreq(step.device)
		if err == nil {
			err = step.fill(r)
		}
		if err == nil {
			err = unix.IoctlIfreq(socket, step.request, r)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}
