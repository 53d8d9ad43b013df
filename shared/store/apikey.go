package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/apikey"
	"yakusoku/shared/host"
)

// A host's API keys are one item, as their hooks are. Whoever shows a secret is led
// there by its hash; without the item no secret leads anywhere.
func keysKey(handle string) key { return key{hostPrefix + handle, "KEYS"} }
func secretKey(hash string) key { return key{"KEY#" + hash, "KEY"} }

// keyring are all keys of one host, as they are stored.
type keyring struct{ ByID map[string]apikey.Key }

// holder is what leads from a secret to its key.
type holder struct{ Host, ID string }

// Keys lists a host's API keys, the oldest first.
func (s *Store) Keys(ctx context.Context, handle string) ([]apikey.Key, error) {
	ring, _, err := versioned[keyring](ctx, s, keysKey(handle))
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	list := slices.Collect(maps.Values(ring.ByID))
	for i := range list {
		list[i].Host = handle
	}
	slices.SortFunc(list, func(a, b apikey.Key) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

// KeyByHash returns the key whose secret has that hash, or *apikey.NotFound.
func (s *Store) KeyByHash(ctx context.Context, hash string) (apikey.Key, error) {
	it, err := s.get(ctx, secretKey(hash))
	if err != nil {
		return apikey.Key{}, fmt.Errorf("look up a key: %w", err)
	}
	if it == nil {
		return apikey.Key{}, &apikey.NotFound{}
	}
	var of holder
	if err := decode(it, &of); err != nil {
		return apikey.Key{}, err
	}
	ring, _, err := versioned[keyring](ctx, s, keysKey(of.Host))
	if err != nil {
		return apikey.Key{}, fmt.Errorf("read keys: %w", err)
	}
	k, ok := ring.ByID[of.ID]
	if !ok {
		return apikey.Key{}, &apikey.NotFound{}
	}
	k.Host = of.Host
	return k, nil
}

// AddKey stores a new key. It returns *apikey.TooMany, or *host.Unknown if the host
// is leaving.
func (s *Store) AddKey(ctx context.Context, k apikey.Key, now time.Time) error {
	lead, err := encode(secretKey(k.Hash), holder{Host: k.Host, ID: k.ID})
	if err != nil {
		return err
	}
	err = amend(ctx, s, keysKey(k.Host), func(ring *keyring) ([]types.TransactWriteItem, error) {
		if len(ring.ByID) >= apikey.MostKeys {
			return nil, &apikey.TooMany{}
		}
		if ring.ByID == nil {
			ring.ByID = map[string]apikey.Key{}
		}
		ring.ByID[k.ID] = k
		return []types.TransactWriteItem{s.there(k.Host, now), {Put: &types.Put{TableName: &s.Table, Item: lead}}}, nil
	})
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &host.Unknown{}
	}
	return err
}

// RemoveKey removes a key. It returns *apikey.NotFound.
func (s *Store) RemoveKey(ctx context.Context, handle, id string) error {
	return amend(ctx, s, keysKey(handle), func(ring *keyring) ([]types.TransactWriteItem, error) {
		k, ok := ring.ByID[id]
		if !ok {
			return nil, &apikey.NotFound{}
		}
		delete(ring.ByID, id)
		return []types.TransactWriteItem{{Delete: &types.Delete{TableName: &s.Table, Key: secretKey(k.Hash).item()}}}, nil
	})
}

// MarkUsed stores the day of a key's last use, unless the key was removed meanwhile.
func (s *Store) MarkUsed(ctx context.Context, handle, id, day string) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: keysKey(handle).item(),
		// A change that read the former day must not put it back.
		UpdateExpression:          aws.String("SET #data.#by.#id.#day = :day ADD version :one"),
		ConditionExpression:       aws.String("attribute_exists(#data.#by.#id)"),
		ExpressionAttributeNames:  map[string]string{"#data": attrData, "#by": "ByID", "#id": id, "#day": "UsedOn"},
		ExpressionAttributeValues: item{":day": text(day), ":one": number(1)},
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); err != nil && !errors.As(err, &failed) {
		return fmt.Errorf("note a key's use: %w", err)
	}
	return nil
}

// forgetKeys removes what leads from secrets to the host's keys. The keys themselves
// go with everything that stands under the host.
func (s *Store) forgetKeys(ctx context.Context, handle string) error {
	keys, err := s.Keys(ctx, handle)
	if err != nil {
		return err
	}
	var leads []item
	for _, k := range keys {
		leads = append(leads, secretKey(k.Hash).item())
	}
	return s.remove(ctx, leads)
}
