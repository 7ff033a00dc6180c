"""The mix of requests that the cache is measured with."""

from collections import Counter

from benchmarks import cache

KINDS = {kind: [f"/{kind}/{number}" for number in range(100)] for kind in cache.SHARES}


def test_the_first_of_a_kind_is_asked_for_most_often_and_twice_as_often_as_the_second() -> None:
    counts = Counter(cache.asked(KINDS, 50_000))
    first, second = counts["/search/0"], counts["/search/1"]
    assert first == max(counts.values())
    assert 1.8 < first / second < 2.2


def test_each_kind_has_its_share_and_the_order_is_always_the_same() -> None:
    requests = cache.asked(KINDS, 20_000)
    assert requests == cache.asked(KINDS, 20_000)
    shares = Counter(request.split("/")[1] for request in requests)
    assert shares.keys() == cache.SHARES.keys()
    assert all(abs(100 * shares[kind] / 20_000 - share) < 2 for kind, share in cache.SHARES.items())
