package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/metric"
)

// watch is what people look at, and what calls them. An alarm is for what somebody
// must do something about, and its description names the part of infra/RUNBOOK.md
// that says what.
type watch struct {
	scope  constructs.Construct
	s      Settings
	action awscloudwatch.IAlarmAction
	alarms []interfacesawscloudwatch.IAlarmRef
	// failing is that requests fail now. It calls nobody by itself.
	failing awscloudwatch.Alarm
}

func addWatch(scope constructs.Construct, s Settings, key awskms.IKey, fs functions, api awsapigatewayv2.HttpApi, failures awslogs.MetricFilter, sagas sagas) *watch {
	w := &watch{scope: scope, s: s, action: newPager(scope, s, key)}
	w.addAlarms(fs, api, failures, sagas)
	w.addDashboard(fs, api, sagas)
	return w
}

func (w *watch) addAlarms(fs functions, api awsapigatewayv2.HttpApi, failures awslogs.MetricFilter, sagas sagas) {
	// It is told at each attempt, and those are up to six hours apart: the alarm lasts
	// longer, so that it calls once, and is over when nothing is left.
	w.alarm("NeedsAttention", "A booking needs attention",
		w.own(metric.Bookings, metric.Outcome, metric.NeedsAttention, "Sum", 15), limit{threshold: 1, periods: 30, within: 1})
	// One fails for its guest's address, or a host's plan; several for something of ours,
	// or a provider that is down.
	w.alarm("BookingsFail", "Bookings fail",
		w.own(metric.Bookings, metric.Outcome, string(booking.NewsFailed), "Sum", 60), limit{threshold: 3, periods: 1})
	// Sweep starts one again; several are somebody's to look at.
	w.alarm("SagaFailed", "Sagas fail", sum(15, sagas.all(), func(m awsstepfunctions.StateMachine, o *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		return m.MetricFailed(o)
	}, func(m awsstepfunctions.StateMachine, o *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		return m.MetricTimedOut(o)
	}), limit{threshold: 3, periods: 1})
	w.alarm("GrantsDie", "Many grants die at once", w.sumOwn(60, metric.DeadGrants, metric.Provider, providers...), limit{threshold: 5, periods: 1})
	var runs []awscloudwatch.IMetric
	for _, f := range function.All() {
		if f.Every > 0 {
			w.alarm(f.Placeholder()+"Fails", "A function that runs every minute fails",
				fs[f.Name].MetricErrors(over(5)), limit{threshold: 4, periods: 2})
			runs = append(runs, fs[f.Name].MetricInvocations(over(15)))
		}
	}
	least := joined(15, runs, func(terms []string) string { return "MIN([" + strings.Join(terms, ", ") + "])" })
	w.alarm("NotCalled", "A function is not called", least, limit{threshold: 1, periods: 2, below: true}) // a new deployment has a quarter of an hour of nothing behind it
	// What is throttled waits and is retried: only a state that lasts is somebody's to
	// mend.
	w.alarm("Throttled", "Functions are throttled", awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/Lambda"), MetricName: jsii.String("Throttles"), Statistic: jsii.String("Sum"), Period: minutes(5),
	}), limit{threshold: 10, periods: 3})
	w.burn(api, failures)
	// SES reviews an account from 5 % bounces and 0.1 % complaints (SES Developer Guide,
	// "Using the reputation metrics").
	w.alarm("MailBounces", "Mails bounce", reputation("Reputation.BounceRate"), limit{threshold: 0.04, periods: 1})
	w.alarm("MailComplaints", "Mails bounce", reputation("Reputation.ComplaintRate"), limit{threshold: 0.0008, periods: 1})
}

// burn calls when the month's budget of failed requests, one in a thousand, burns
// fourteen times as fast as it may, for an hour and still now (Google's SRE Workbook,
// "Alerting on SLOs").
func (w *watch) burn(api awsapigatewayv2.HttpApi, failures awslogs.MetricFilter) {
	const budget, pace = 0.001, 14
	var rules []awscloudwatch.IAlarmRule
	for _, window := range []float64{60, 5} {
		ratio := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("IF(failures > 2, failures / requests, 0)"),
			Label:      jsii.String("failed requests"),
			Period:     minutes(window),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"failures": failures.Metric(over(window)),
				"requests": api.MetricCount(over(window)),
			},
		})
		a := w.silent(fmt.Sprintf("Burn%d", int(window)), "Requests fail", ratio, limit{threshold: budget * pace, periods: 1})
		rules = append(rules, awscloudwatch.AlarmRule_FromAlarm(a, awscloudwatch.AlarmState_ALARM))
		w.failing = a // the last window is the shortest
	}
	both := awscloudwatch.NewCompositeAlarm(w.scope, jsii.String("RequestsFail"), &awscloudwatch.CompositeAlarmProps{
		AlarmDescription: w.description("Requests fail"),
		AlarmRule:        awscloudwatch.AlarmRule_AllOf(rules...),
	})
	both.AddAlarmAction(w.action)
	both.AddOkAction(w.action)
	w.alarms = append(w.alarms, both)
}

// limit is when an alarm calls: the metric is at least at the threshold, or below it,
// for so many periods, or for some within them.
type limit struct {
	threshold, periods float64
	within             float64 // of the periods; 0: all
	below              bool    // what is missing is below, too
}

// alarm calls somebody.
func (w *watch) alarm(id, runbook string, m awscloudwatch.IMetric, l limit) {
	a := w.silent(id, runbook, m, l)
	a.AddAlarmAction(w.action)
	a.AddOkAction(w.action)
	w.alarms = append(w.alarms, a)
}

func (w *watch) silent(id, runbook string, m awscloudwatch.IMetric, l limit) awscloudwatch.Alarm {
	comparison, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
	if l.below {
		comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
	}
	within := l.within
	if within == 0 {
		within = l.periods
	}
	return awscloudwatch.NewAlarm(w.scope, jsii.String(id+"Alarm"), &awscloudwatch.AlarmProps{
		AlarmDescription:   w.description(runbook),
		Metric:             m,
		Threshold:          jsii.Number(l.threshold),
		EvaluationPeriods:  jsii.Number(l.periods),
		DatapointsToAlarm:  jsii.Number(within),
		ComparisonOperator: comparison,
		TreatMissingData:   missing,
	})
}

func (w *watch) description(runbook string) *string {
	return jsii.String(runbook + ": infra/RUNBOOK.md#" + strings.ReplaceAll(strings.ToLower(runbook), " ", "-"))
}

func (w *watch) addDashboard(fs functions, api awsapigatewayv2.HttpApi, sagas sagas) {
	routes := httpapi.Measured()
	board := awscloudwatch.NewDashboard(w.scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName:   jsii.String(w.s.StackName()),
		DefaultInterval: awscdk.Duration_Days(jsii.Number(1)),
	})
	board.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("What somebody must do something about"), Alarms: &w.alarms, Width: jsii.Number(24),
	}))
	board.AddWidgets(
		graph("What became of bookings", w.each(metric.Bookings, metric.Outcome, "Sum", 5, outcomes...)...),
		graph("Guests wait (p50)", w.each(metric.RequestTime, metric.Route, "p50", 5, routes...)...),
		graph("Guests wait (p99)", w.each(metric.RequestTime, metric.Route, "p99", 5, routes...)...),
	)
	board.AddWidgets(
		graph("Steps of a booking: milliseconds (p99)", w.each(metric.StepTime, metric.Step, "p99", 5, steps...)...),
		graph("Attempts that failed", w.each(metric.StepFailures, metric.Step, "Sum", 5, steps...)...),
		graph("Grants that died", w.each(metric.DeadGrants, metric.Provider, "Sum", 60, providers...)...),
	)
	var running, errors []awscloudwatch.IMetric
	for _, m := range sagas.all() {
		running = append(running, m.MetricStarted(over(5)), m.MetricFailed(over(5)))
	}
	for _, f := range function.All() {
		errors = append(errors, fs[f.Name].MetricErrors(over(5)))
	}
	board.AddWidgets(
		graph("Requests, and those that failed", api.MetricCount(over(5)), api.MetricClientError(over(5)), api.MetricServerError(over(5))),
		graph("Sagas started and failed", running...),
		graph("Errors of functions", errors...),
	)
	board.AddWidgets(
		graph("Connections made, lapsed and ended", w.each(metric.Connections, metric.State, "Sum", 60, states...)...),
	)
}

// outcomes, steps, providers and states are the dimensions' values that are shown.
var (
	outcomes = []string{
		string(booking.NewsConfirmed), string(booking.NewsRescheduled), string(booking.NewsCancelled), string(booking.NewsFailed), metric.NeedsAttention,
	}
	// The way of a booking; other steps are in CloudWatch's list of metrics.
	steps     = []string{"meeting.create", "event.create", "mail.guest", "settle.confirm", "mail.host"}
	providers = []string{string(connection.Zoom), string(connection.Google), string(connection.Microsoft)}
	states    = []string{string(connection.Connected), string(connection.Reauthorize), metric.Disconnected}
)

// all are the state machines in the order in which they are shown.
func (s sagas) all() []awsstepfunctions.StateMachine {
	return []awsstepfunctions.StateMachine{s.book, s.cancel, s.move}
}

// own is a metric that the functions write.
func (w *watch) own(name, dimension, of, statistic string, period float64) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(w.s.MetricNamespace()), MetricName: jsii.String(name), Label: jsii.String(of),
		DimensionsMap: &map[string]*string{dimension: jsii.String(of)},
		Statistic:     jsii.String(statistic), Period: minutes(period),
	})
}

func (w *watch) each(name, dimension, statistic string, period float64, of ...string) (all []awscloudwatch.IMetric) {
	for _, one := range of {
		all = append(all, w.own(name, dimension, one, statistic, period))
	}
	return all
}

func (w *watch) sumOwn(period float64, name, dimension string, of ...string) awscloudwatch.IMetric {
	return added(period, w.each(name, dimension, "Sum", period, of...))
}

// sum adds the metrics of all state machines up.
func sum(period float64, machines []awsstepfunctions.StateMachine, of ...func(awsstepfunctions.StateMachine, *awscloudwatch.MetricOptions) awscloudwatch.Metric) awscloudwatch.IMetric {
	var all []awscloudwatch.IMetric
	for _, m := range machines {
		for _, one := range of {
			all = append(all, one(m, over(period)))
		}
	}
	return added(period, all)
}

func added(period float64, all []awscloudwatch.IMetric) awscloudwatch.IMetric {
	return joined(period, all, func(terms []string) string { return strings.Join(terms, " + ") })
}

// joined makes one metric of all; in those, what is missing is nothing.
func joined(period float64, all []awscloudwatch.IMetric, expression func(terms []string) string) awscloudwatch.IMetric {
	named := map[string]awscloudwatch.IMetric{}
	var terms []string
	for i, m := range all {
		name := fmt.Sprintf("m%d", i)
		named[name] = m
		terms = append(terms, "FILL("+name+", 0)")
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(expression(terms)), Period: minutes(period), UsingMetrics: &named,
	})
}

// reputation is the account's at SES.
func reputation(name string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/SES"), MetricName: jsii.String(name), Statistic: jsii.String("Average"), Period: minutes(60),
	})
}

func over(period float64) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: minutes(period), Statistic: jsii.String("Sum")}
}

func minutes(n float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }

func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Left: &metrics, Width: jsii.Number(8), Height: jsii.Number(6),
	})
}
