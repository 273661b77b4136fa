"""CloudWatch's dashboards as its console shows them: `/_lab/dashboard`."""
