// Command infra is the CDK app: what Yakusoku is in an AWS account. It knows
// resources, their limits and who may do what to them; what the functions do is
// theirs.
package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	if err := synthesize(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// synthesize writes the templates to where the CDK CLI looks for them.
func synthesize() error {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	settings, err := readSettings(app.Node())
	if err != nil {
		return err
	}
	settings.Region = cmp.Or(os.Getenv("CDK_DEFAULT_REGION"), edgeRegion)
	if err := checkBinaries(settings.Binaries, settings.Architecture); err != nil {
		return err
	}
	newDeployment(app, settings)
	app.Synth(nil)
	return nil
}
