package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yakusoku/infra/function"
)

// program is the least that names a processor: an ELF header without content.
func program(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	var content bytes.Buffer
	if err := binary.Write(&content, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestOnlyProgramsForTheFunctionsProcessorAreDeployed(t *testing.T) {
	const missing = elf.EM_NONE
	tests := map[string]struct {
		mail elf.Machine
		want string // empty: deployed
	}{
		"all for arm64": {elf.EM_AARCH64, ""},
		"one for amd64": {elf.EM_X86_64, "function mail is built for EM_X86_64, not for arm64; run `make build-arm`"},
		"one not built": {missing, "function mail is not built for Lambda; run `make build-arm`: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for _, f := range function.All() {
				machine := elf.EM_AARCH64
				if f.Name == function.Mail {
					machine = test.mail
				}
				if err := writeProgram(folder, f.Name, program(t, machine)); err != nil {
					t.Fatal(err)
				}
			}
			if test.mail == missing {
				if err := os.Remove(filepath.Join(folder, function.Mail, "bootstrap")); err != nil {
					t.Fatal(err)
				}
			}
			err := checkBinaries(folder, ARM64)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
