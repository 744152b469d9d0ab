// Programs are run as process groups: ending one ends everything that it started and did not
// detach, and a program that ends by itself leaves nothing behind.
package main

import (
	"context"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// gracePeriod is what a program gets between the request to end and the kill. The engine gives the
// host five seconds, so it must be well below that.
const gracePeriod = 2 * time.Second

// processes are the programs that this host is running now.
type processes struct {
	mutex   sync.Mutex
	cancels map[int]context.CancelFunc
	next    int
	ended   bool
	idle    *sync.Cond
}

func newProcesses() *processes {
	p := &processes{cancels: map[int]context.CancelFunc{}}
	p.idle = sync.NewCond(&p.mutex)
	return p
}

// run starts the command in a group of its own and waits for it. When ctx or the host ends, the
// whole group is asked to end, then killed. The error is that of exec.Cmd.Wait, or the context's.
func (p *processes) run(ctx context.Context, cmd *exec.Cmd) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mutex.Lock()
	if p.ended {
		p.mutex.Unlock()
		return context.Canceled
	}
	id := p.next
	p.next++
	p.cancels[id] = cancel
	p.mutex.Unlock()
	defer func() {
		p.mutex.Lock()
		delete(p.cancels, id)
		p.mutex.Unlock()
		p.idle.Broadcast()
	}()

	// A grandchild that holds our pipe must not keep Wait from returning after the program's end.
	cmd.WaitDelay = gracePeriod
	ownGroup(cmd)
	done := make(chan error, 1)
	started := make(chan error, 1)
	go func() {
		// The signal that the system sends when we die is tied to the thread that started the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	defer killGroup(cmd.Process.Pid)

	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	askGroup(cmd.Process.Pid)
	select {
	case <-done:
	case <-time.After(gracePeriod):
		killGroup(cmd.Process.Pid)
		<-done
	}
	return ctx.Err()
}

// cancelAll asks every running program to end; it does not wait.
func (p *processes) cancelAll() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, cancel := range p.cancels {
		cancel()
	}
}

// endAll asks every running program to end, returns when all have, and lets no other start.
func (p *processes) endAll() {
	p.mutex.Lock()
	p.ended = true
	p.mutex.Unlock()
	p.cancelAll()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for len(p.cancels) > 0 {
		p.idle.Wait()
	}
}
