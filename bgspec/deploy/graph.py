"""Steps that wait for one another, as many at once as their order allows."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event


def run(
    needs: Mapping[str, tuple[str, ...]],
    work: Callable[[str], bool],
    *,
    stop: Event,
    turn: Callable[[str, str], None] = lambda _step, _state: None,
    width: int = 16,
) -> dict[str, str]:
    """Do every step once all that it needs has succeeded. A failure holds back only what needs the failed step.

    Args:
        needs: the steps, each with those it waits for; the order of the mapping breaks ties.
        work: does a step; False when it failed. May raise: then nothing new begins, and what was raised is raised once the rest has ended.
        stop: when it is set nothing new begins.
        turn: is told when a step is `under way`, and at its end what the result says of it; one that `stop` has ended is `stopped`.
        width: how many at once.

    Returns:
        For every step `done`, `failed` or `left`, in the order of `needs`.

    Raises:
        ValueError: a step waits for one that there is not.
    """
    unknown = {other for others in needs.values() for other in others} - needs.keys()
    if unknown:
        raise ValueError(f"there are no steps {sorted(unknown)}")
    ended: dict[str, str] = {}
    running: dict[Future[bool], str] = {}
    raised: list[BaseException] = []
    with ThreadPoolExecutor(width) as pool:
        waiting = list(needs)
        while True:
            if not stop.is_set() and not raised:
                for step in [one for one in waiting if all(ended.get(other) == "done" for other in needs[one])]:
                    waiting.remove(step)
                    turn(step, "under way")
                    running[pool.submit(work, step)] = step
            if not running:
                break
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                step = running.pop(future)
                error = future.exception()
                if error is not None:
                    raised.append(error)
                ended[step] = "failed" if error is not None or not future.result() else "done"
                turn(step, "stopped" if error is not None and stop.is_set() else ended[step])
    for step in waiting:
        turn(step, "left")
    if raised:
        raise raised[0]
    return {step: ended.get(step, "left") for step in needs}
