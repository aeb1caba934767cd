"""CP-SAT, set so that it gives the same answer on any machine and under any load."""

from ortools.sat.python import cp_model

SOLVED = (cp_model.OPTIMAL, cp_model.FEASIBLE)


def deterministic(work: float, *, seed: int = 0) -> cp_model.CpSolver:
    """Make a solver with one worker, a fixed seed, and a limit on deterministic time."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # its handler aborts the process where two solvers run at once
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    return solver
