"""Where do the six inputs come from?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import Number

TOKENS_PER_PRICE = 1_000_000


def training_cost(
    provider_charges: Number,
    data_preparation: Number,
    labeling: Number,
    evaluation: Number,
    engineering: Number,
    deployment: Number,
    hourly_rate: Number = 1,
    training_tokens: Number = 0,
    epochs: Number = 1,
    training_price: Number = 0,
) -> Annotated[Number, q.TRAINING_COST]:
    """One-time cost of fine-tuning: vendor charges and labor.

    Formula: provider_charges + (data_preparation + labeling + evaluation
    + engineering + deployment) * hourly_rate + training_tokens * epochs
    * training_price / 1,000,000. With a rate the five items of work are hours;
    without one they are amounts of money. Tokens and a price (ROI_MODEL_PRICE)
    stand in for, or on top of, charges that no invoice shows yet.

    Returns:
        Currency.

    Example:
        >>> from roi_xl import training_cost
        >>> training_cost(400, 700, 420, 280, 560, 140)
        2500.0
        >>> training_cost(400, 10, 6, 4, 8, 2, hourly_rate=70)
        2500.0
        >>> training_cost(0, 10, 6, 4, 8, 2, 70, training_tokens=4_000_000, epochs=4, training_price=25)
        2500.0
    """
    work = data_preparation + labeling + evaluation + engineering + deployment
    return provider_charges + work * hourly_rate + training_tokens * epochs * training_price / TOKENS_PER_PRICE


def cost_per_request(
    input_tokens: Number,
    output_tokens: Number,
    input_price: Number,
    output_price: Number,
    cached_share: Number = 0,
    cached_price: Number = None,
    retry_rate: Number = 0,
    fallback_rate: Number = 0,
    fallback_cost: Number = 0,
    serving_premium: Number = 0,
    batch_share: Number = 0,
    batch_discount: Number = 0.5,
) -> Annotated[Number, q.COST_PER_REQUEST]:
    """Expected cost of one answered request, retries and fallbacks included.

    Formula: tokens * (1 - batch_share * batch_discount) * (1 + serving_premium)
    / (1 - retry_rate) + fallback_rate * fallback_cost, where tokens = (input_tokens * (input_price
    + cached_share * (cached_price - input_price)) + output_tokens * output_price)
    / 1,000,000.

    Retries: an attempt fails with probability retry_rate, whatever came before,
    and is made again until one succeeds, so a request takes 1 / (1 - retry_rate)
    attempts on average (the mean of the geometric distribution), each billed.
    Fallbacks: a share of requests is answered by another model in the end; its
    cost comes on top, since the first model's attempts are billed as well.

    Batch: a share of the requests can wait for a batch, at a discount on its tokens.

    Returns:
        Currency per request.

    Example:
        >>> from roi_xl import cost_per_request
        >>> cost_per_request(4_000, 1_000, 2.50, 10)
        0.02
        >>> cost_per_request(4_000, 1_000, 2.50, 10, retry_rate=0.5)
        0.04
    """
    if cached_price is None:
        cached_price = input_price
    price = input_price + cached_share * (cached_price - input_price)
    tokens = (input_tokens * price + output_tokens * output_price) / TOKENS_PER_PRICE
    tokens = tokens * (1 - batch_share * batch_discount)
    return tokens * (1 + serving_premium) / (1 - retry_rate) + fallback_rate * fallback_cost


def monthly_requests(
    active_users: Number, requests_per_user_per_day: Number, days: Number = 30
) -> Annotated[Number, q.MONTHLY_REQUESTS]:
    """Requests per month, from active users and their daily requests.

    Formula: active_users * requests_per_user_per_day * days.

    Returns:
        Requests per month.

    Example:
        >>> from roi_xl import monthly_requests
        >>> monthly_requests(2_500, 2, days=20)
        100000
    """
    return active_users * requests_per_user_per_day * days
