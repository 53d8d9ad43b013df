// Package store keeps everything in one DynamoDB table (DESIGN §6). It knows the
// table's definition, its keys, and how a slot is claimed; what the records mean
// is their own packages' to say.
package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Store is the table. It implements the ports of packages booking, connection
// and saga.
type Store struct {
	DB    *dynamodb.Client
	Table string
}

// UnknownTable says that the table does not exist where the client looks.
type UnknownTable struct{ Table string }

func (e *UnknownTable) Error() string { return fmt.Sprintf("no table %q", e.Table) }

// Reach asks the table for an item that never exists. It tells a missing table
// (*UnknownTable) early, and leaves a warm connection behind.
func (s *Store) Reach(ctx context.Context) error {
	_, err := s.DB.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.Table, Key: key{Nothing, Nothing}.item()})
	if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
		return &UnknownTable{Table: s.Table}
	}
	return err
}

// get reads one item as last written; nil if there is none.
func (s *Store) get(ctx context.Context, k key) (item, error) {
	out, err := s.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.Table, Key: k.item(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// batchLimit is how many items one BatchGetItem may ask for.
const batchLimit = 100

// batch reads the items of the keys, those that exist, in no order. Up to
// batchLimit keys are one round trip; more are read side by side.
func (s *Store) batch(ctx context.Context, keys []key) ([]item, error) {
	type part struct {
		items []item
		err   error
	}
	parts := make(chan part)
	n := 0
	for ; len(keys) > 0; n++ {
		some := keys[:min(batchLimit, len(keys))]
		keys = keys[len(some):]
		go func() {
			items, err := s.batchOnce(ctx, some)
			parts <- part{items, err}
		}()
	}
	var all []item
	var errs error
	for range n {
		p := <-parts
		all, errs = append(all, p.items...), errors.Join(errs, p.err)
	}
	return all, errs
}

func (s *Store) batchOnce(ctx context.Context, keys []key) ([]item, error) {
	ask := types.KeysAndAttributes{}
	for _, k := range keys {
		ask.Keys = append(ask.Keys, k.item())
	}
	request := map[string]types.KeysAndAttributes{s.Table: ask}
	var items []item
	for len(request) > 0 {
		out, err := s.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			return nil, err
		}
		items = append(items, out.Responses[s.Table]...)
		request = out.UnprocessedKeys
	}
	return items, nil
}

// encode writes a record under its key, by the names of its fields or its json
// tags.
func encode(k key, record any) (item, error) {
	data, err := attributevalue.MarshalWithOptions(record, func(o *attributevalue.EncoderOptions) {
		o.TagKey = "json"
	})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", k.sk, err)
	}
	return item{attrPK: text(k.pk), attrSK: text(k.sk), attrData: data}, nil
}

func decode(it item, record any) error {
	err := attributevalue.UnmarshalWithOptions(it[attrData], record, func(o *attributevalue.DecoderOptions) {
		o.TagKey = "json"
	})
	if err != nil {
		return fmt.Errorf("decode %s: %w", stringOf(it[attrSK]), err)
	}
	return nil
}
