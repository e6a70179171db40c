import pytest

from stripe_description import parameter_names
from stripe_simulator.routes import ROUTES, Route, find_route


def path_of(route: Route) -> str:
    return route.path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_endpoint_and_parameter_is_one_of_stripes(route: Route):
    assert set(route.shape) - parameter_names(route.method, path_of(route)) == set()
    assert set(route.required) <= set(route.shape)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_path_leads_to_its_own_endpoint(route: Route):
    found = find_route(route.method, path_of(route))
    assert found is not None
    assert found[0] is route


@pytest.mark.parametrize("path", ["/v1", "/v1/customers/", "/v1/customers/a/b/c", "/v2/customers", "/v1/customers//x"])
def test_other_paths_lead_nowhere(path: str):
    assert find_route("GET", path) is None
