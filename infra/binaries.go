package main

import (
	"debug/elf"
	"fmt"
	"path/filepath"

	"yakusoku/infra/function"
)

// checkBinaries looks for each function's program, for the processor that it is
// deployed to: CDK itself would ship whatever stands in the folder.
func checkBinaries(folder string) error {
	for _, f := range function.All() {
		program, err := elf.Open(filepath.Join(folder, f.Name, "bootstrap"))
		if err != nil {
			return fmt.Errorf("function %s is not built for Lambda; run `make build-arm`: %w", f.Name, err)
		}
		machine := program.Machine
		if err := program.Close(); err != nil {
			return fmt.Errorf("close the program of function %s: %w", f.Name, err)
		}
		if machine != elf.EM_AARCH64 {
			return fmt.Errorf("function %s is built for %s, not for arm64; run `make build-arm`", f.Name, machine)
		}
	}
	return nil
}
