// Command tester is a function whose behaviour its tests choose.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	Do string `json:"do"`
	// File is what "gate" waits for.
	File string `json:"file"`
}

type answer struct {
	Process   int    `json:"process"`
	RequestID string `json:"requestId"`
	ARN       string `json:"arn"`
	Seconds   int    `json:"seconds"` // left until the deadline
	Greeting  string `json:"greeting"`
	Home      string `json:"home"`
}

// SlotTaken is an error with a name of its own.
type SlotTaken struct{}

func (*SlotTaken) Error() string { return "somebody was faster" }

func handle(ctx context.Context, r request) (answer, error) {
	switch r.Do {
	case "fail":
		return answer{}, &SlotTaken{}
	case "panic":
		panic("at the disco")
	case "exit":
		fmt.Println("leaving early")
		os.Exit(3)
	case "hang":
		<-make(chan struct{})
	case "log":
		fmt.Println("a line")
		fmt.Fprintln(os.Stderr, "another line")
	case "gate":
		for {
			if _, err := os.Stat(r.File); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	deadline, _ := ctx.Deadline()
	lc, _ := lambdacontext.FromContext(ctx)
	return answer{
		Process:   os.Getpid(),
		RequestID: lc.AwsRequestID,
		ARN:       lc.InvokedFunctionArn,
		Seconds:   int(time.Until(deadline).Round(time.Second).Seconds()),
		Greeting:  os.Getenv("GREETING"),
		Home:      os.Getenv("HOME"),
	}, nil
}

func main() {
	if os.Getenv("GREETING") == "" {
		fmt.Fprintln(os.Stderr, "GREETING is not set")
		os.Exit(1)
	}
	lambda.Start(handle)
}
