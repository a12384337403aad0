"""Who in the business answers for a tool: claims, owners, stewards, and what was found in a team."""
