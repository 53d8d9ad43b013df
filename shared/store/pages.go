package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/page"
)

// Pages lists a host's booking pages by slug, published or not.
func (s *Store) Pages(ctx context.Context, handle string) ([]page.Page, error) {
	items, err := s.under(ctx, hostKey(handle).pk, pagePrefix)
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	list := make([]page.Page, len(items))
	for i, it := range items {
		if err := decode(it, &list[i]); err != nil {
			return nil, err
		}
		list[i].Host = handle
	}
	return list, nil
}

// Page reads a booking page and its version as last written. It returns
// *page.NotFound.
func (s *Store) Page(ctx context.Context, handle, slug string) (page.Page, int, error) {
	it, err := s.get(ctx, pageKey(handle, slug))
	if err != nil {
		return page.Page{}, 0, fmt.Errorf("read page %s: %w", slug, err)
	}
	if it == nil {
		return page.Page{}, 0, &page.NotFound{}
	}
	var p page.Page
	if err := decode(it, &p); err != nil {
		return page.Page{}, 0, err
	}
	p.Host = handle
	return p, intOf(it[attrVersion]), nil
}

// CreatePage stores a new page, as version 1. It returns *page.SlugTaken.
func (s *Store) CreatePage(ctx context.Context, p page.Page) error {
	err := s.putPage(ctx, p, 1, "attribute_not_exists(pk)", nil)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &page.SlugTaken{}
	}
	return err
}

// ReplacePage stores the successor of the version that was read. It returns
// *page.Changed if another write came first.
func (s *Store) ReplacePage(ctx context.Context, p page.Page, read int) error {
	condition := "version = :read"
	if read == 0 { // planted, never edited
		condition = "attribute_exists(pk) AND (attribute_not_exists(version) OR version = :read)"
	}
	err := s.putPage(ctx, p, read+1, condition, item{":read": number(int64(read))})
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &page.Changed{}
	}
	return err
}

func (s *Store) putPage(ctx context.Context, p page.Page, version int, condition string, values item) error {
	it, err := encode(pageKey(p.Host, p.Slug), p)
	if err != nil {
		return err
	}
	it[attrVersion] = number(int64(version))
	put := &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression: aws.String(condition), ExpressionAttributeValues: values,
	}
	err = s.whenCalm(ctx, func() error { return s.transact(ctx, put, s.planDue(p.Host)) }, noLook)
	if err != nil {
		return fmt.Errorf("write page %s: %w", p.Slug, err)
	}
	return nil
}

// DeletePage removes a page; its bookings stay. One that is gone is no error.
func (s *Store) DeletePage(ctx context.Context, handle, slug string) error {
	err := s.whenCalm(ctx, func() error {
		return s.write(ctx,
			types.TransactWriteItem{Delete: &types.Delete{TableName: &s.Table, Key: pageKey(handle, slug).item()}},
			types.TransactWriteItem{Update: s.planDue(handle)},
		)
	}, noLook)
	if err != nil {
		return fmt.Errorf("delete page %s: %w", slug, err)
	}
	return nil
}
