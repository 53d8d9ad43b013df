// Command infra is the CDK app: what Yakusoku is in an AWS account.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	settings, err := readSettings(app.Node())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	NewStack(app, "Yakusoku-"+settings.Stage, settings)
	app.Synth(nil)
}
