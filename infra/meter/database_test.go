package meter

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"net/http/httptest"

	"yakusoku/infra/local/engine"
	"yakusoku/shared/store"
)

// metered is a table behind the meter's door, asked as the function named.
func metered(t *testing.T, function string) (*database, *dynamodb.Client) {
	t.Helper()
	e, err := engine.Start(t.Context(), engine.Tools("../local").DynamoDB(filepath.Join(t.TempDir(), "db")), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(context.Background()) })
	d := &database{engine: e.URL.String(), client: http.DefaultClient}
	door := httptest.NewServer(d)
	t.Cleanup(door.Close)
	db := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &door.URL, AppID: function,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	if _, err := db.CreateTable(t.Context(), store.Table("table")); err != nil {
		t.Fatal(err)
	}
	d.take()
	return d, db
}

// item is one of so many bytes, and of one index if due says until when it waits.
func item(name string, bytes int, due string) map[string]types.AttributeValue {
	it := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: name}, "sk": &types.AttributeValueMemberS{Value: name},
		"data": &types.AttributeValueMemberS{Value: strings.Repeat("x", bytes)},
	}
	if due != "" {
		it["queue"], it["queuedFor"] = &types.AttributeValueMemberS{Value: "q"}, &types.AttributeValueMemberN{Value: due}
	}
	return it
}

// What DynamoDB charges for, by its Developer Guide ("DynamoDB throughput capacity"), is
// what the meter reads off: a unit of writing for each KB begun, indexes apart, twice in a
// transaction; half a unit of reading for 4 KB, a whole one if it must be the last.
func TestTheMeterReadsCapacityUnitsByFunction(t *testing.T) {
	d, db := metered(t, "booking")
	table := aws.String("table")
	put := func(it map[string]types.AttributeValue) func() error {
		return func() error {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: it})
			return err
		}
	}
	key := func(name string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": item(name, 0, "")["pk"], "sk": item(name, 0, "")["sk"]}
	}
	never := aws.String("attribute_not_exists(pk)")
	for _, c := range []struct {
		name          string
		do            func() error
		reads, writes float64
	}{
		{"an item of more than a KB", put(item("a", 1500, "")), 0, 2},
		{"one that an index has", put(item("b", 500, "1")), 0, 2},
		{"one that stands elsewhere in the index", put(item("b", 500, "2")), 0, 3},
		{"one that the index has as it was", put(item("b", 600, "2")), 0, 1},
		{"two in a transaction", func() error {
			_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: table, Item: item("c", 1500, "")}}, {Put: &types.Put{TableName: table, Item: item("d", 1, "")}},
			}})
			return err
		}, 0, 6},
		{"a condition that fails", func() error {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: item("a", 1, ""), ConditionExpression: never})
			if !errors.As(err, new(*types.ConditionalCheckFailedException)) {
				return err
			}
			return nil
		}, 0, 1},
		{"one that fails in a transaction", func() error {
			_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: table, Item: item("a", 1, ""), ConditionExpression: never}}, {Put: &types.Put{TableName: table, Item: item("e", 1, "")}},
			}})
			if !errors.As(err, new(*types.TransactionCanceledException)) {
				return err
			}
			return nil
		}, 0, 4},
		{"a read that must be the last", func() error {
			_, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key("a"), ConsistentRead: aws.Bool(true)})
			return err
		}, 1, 0},
		{"three at once, of which one is there", func() error {
			_, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				"table": {Keys: []map[string]types.AttributeValue{key("a"), key("x"), key("y")}},
			}})
			return err
		}, 1.5, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.do(); err != nil {
				t.Fatal(err)
			}
			trips := d.take()
			if len(trips) != 1 || trips[0].Function != "booking" || trips[0].Reads != c.reads || trips[0].Writes != c.writes {
				t.Errorf("metered %+v, want %g reads and %g writes of booking", trips, c.reads, c.writes)
			}
		})
	}
}

func TestVaultCallsAreOfGrantsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		operation, body string
		want            int
	}{
		"a grant is read":     {"GetItem", `{"Key":{"pk":{"S":"HOST#demo"},"sk":{"S":"CONN#zoom"}}}`, 1},
		"a page is read":      {"GetItem", `{"Key":{"pk":{"S":"HOST#demo"},"sk":{"S":"PAGE#intro"}}}`, 0},
		"whether it is there": {"BatchGetItem", `{"Keys":[{"sk":{"S":"CONN#zoom"}}]}`, 0},
		"a grant is written":  {"TransactWriteItems", `{"Item":{"data":{"M":{"Sealed":{"B":"eA=="}}}}}`, 1},
		"its lease is":        {"UpdateItem", `{"Key":{"sk":{"S":"CONN#zoom"}}}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := vaultCalls(c.operation, []byte(c.body)); got != c.want {
				t.Errorf("%d calls, want %d", got, c.want)
			}
		})
	}
}

func TestTripsSideBySideAreOneInSequence(t *testing.T) {
	at := func(from, to int) Trip {
		start := time.Unix(0, 0)
		return Trip{Began: start.Add(time.Duration(from) * time.Millisecond), Ended: start.Add(time.Duration(to) * time.Millisecond)}
	}
	for name, c := range map[string]struct {
		trips []Trip
		want  int
	}{
		"none":                           {nil, 0},
		"one after the other":            {[]Trip{at(0, 5), at(5, 10), at(11, 16)}, 3},
		"side by side":                   {[]Trip{at(0, 5), at(1, 6), at(2, 7)}, 1},
		"one, then two, then one":        {[]Trip{at(0, 5), at(6, 11), at(7, 12), at(13, 18)}, 3},
		"a long one beside two in a row": {[]Trip{at(0, 20), at(1, 6), at(7, 12)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := InSequence(c.trips); got != c.want {
				t.Errorf("%d in sequence, want %d", got, c.want)
			}
		})
	}
}
