package metric_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/metric"
)

// The line is what CloudWatch takes for metrics: the directive under "_aws", and each
// name that it mentions at the root.
func TestALineIsInTheEmbeddedMetricFormat(t *testing.T) {
	line := written(t, "Yakusoku/test", func() {
		metric.Record(t.Context(), metric.Step, "meeting.create", metric.Time(metric.StepTime, 1500*time.Millisecond), metric.Count(metric.StepFailures, 1))
	})
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	directive, _ := got["_aws"].(map[string]any)
	stamp, _ := directive["Timestamp"].(float64)
	if age := time.Since(time.UnixMilli(int64(stamp))); age < 0 || age > time.Hour {
		t.Errorf("it is stamped %v", directive["Timestamp"])
	}
	delete(directive, "Timestamp")
	delete(got, slog.TimeKey)
	want := map[string]any{
		"level": "INFO", "msg": "measured",
		"Step": "meeting.create", "StepTime": 1500.0, "StepFailures": 1.0,
		"_aws": map[string]any{"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "Yakusoku/test", "Dimensions": []any{[]any{"Step"}},
			"Metrics": []any{
				map[string]any{"Name": "StepTime", "Unit": "Milliseconds"},
				map[string]any{"Name": "StepFailures", "Unit": "Count"},
			},
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the line (-want +got):\n%s", diff)
	}
}

func TestWithoutANamespaceNothingIsWritten(t *testing.T) {
	if line := written(t, "", func() {
		metric.Record(t.Context(), metric.Outcome, metric.NeedsAttention, metric.Count(metric.Bookings, 1))
	}); len(line) > 0 {
		t.Errorf("it writes %s", line)
	}
}

// written is what is logged under a namespace.
func written(t *testing.T, namespace string, record func()) []byte {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	metric.Start(namespace)
	t.Cleanup(func() {
		slog.SetDefault(before)
		metric.Start("")
	})
	record()
	return log.Bytes()
}
