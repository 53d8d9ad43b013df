package main

import (
	"debug/elf"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"yakusoku/infra/function"
)

// Architecture is the processor that the functions are built for and run on, in
// Lambda's words.
type Architecture string

// Lambda's arm64 is what Yakusoku runs on; an emulator runs the functions on the
// processor that it has itself.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// machines are the architectures as their programs name them.
var machines = map[Architecture]elf.Machine{ARM64: elf.EM_AARCH64, X8664: elf.EM_X86_64}

// lambda is CDK's word for it.
func (a Architecture) lambda() awslambda.Architecture {
	if a == X8664 {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

// binaries is where the functions stand, and built is the command that puts them there.
func (a Architecture) binaries() string { return filepath.Join(".build", string(a)) }

func (a Architecture) built() string {
	if a == ARM64 {
		return "make build-arm"
	}
	return "make deploy-local"
}

// checkBinaries looks for each function's program, for the processor that it is
// deployed to: CDK itself would ship whatever stands in the folder.
func checkBinaries(folder string, a Architecture) error {
	for _, f := range function.All() {
		program, err := elf.Open(filepath.Join(folder, f.Name, "bootstrap"))
		if err != nil {
			return fmt.Errorf("function %s is not built for Lambda; run `%s`: %w", f.Name, a.built(), err)
		}
		machine := program.Machine
		if err := program.Close(); err != nil {
			return fmt.Errorf("close the program of function %s: %w", f.Name, err)
		}
		if machine != machines[a] {
			return fmt.Errorf("function %s is built for %s, not for %s; run `%s`", f.Name, machine, a, a.built())
		}
	}
	return nil
}
