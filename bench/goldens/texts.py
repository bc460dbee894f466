"""Text of our own: what the tiny tokenizers and the tiny model are trained on, and the preference rows."""

CORPUS = """\
The rain fell on the roof all night. In the morning the garden was green and the air smelled of wet earth.
Anna asked the baker for a loaf of bread. The baker smiled and gave her two, because it was late in the day.
The small boat went down the river, past the mill, past the old bridge, and out to the sea.
Tom had a red kite. The wind took the kite up over the trees, and Tom ran after it and laughed.
A good answer is short, kind and true. A bad answer is long, and it does not help anybody.
What is the colour of the sky? The sky is blue in the day, red in the evening and black at night.
How do I make tea? Boil the water, put the leaves in the pot, wait for four minutes, then pour it.
Where does the train stop? It stops at the station by the lake, and then it goes on over the hills.
The cat sat on the wall and looked at the birds. The birds looked at the cat and stayed in the tree.
My brother plays the piano in the evening. He says that the hard part is to play softly.
She put the letter on the table, and nobody opened it until the winter was over.
The teacher told the children that the moon is far away, that it is cold there, and that nothing grows.
We walked for three hours and then we rested. The path was steep and the stones were loose.
There are seven days in a week, twelve months in a year, and never enough hours in a day.
If you are lost, stay where you are and call for help. If you are not lost, go home before it is dark.
The old man mended the clock. It had not worked for ten years, and now it was the best in the town.
I don't know, he said, but I'll find out. That's what we're here for, isn't it? You've got to ask.
Please write a poem about the sea. The sea is wide, the sea is deep, it sings the little fish to sleep.
Count from 1 to 10: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10. In 2024 there were 366 days.
def add(a, b):
    return a + b
"""

# Completions start with a space, so that the prompt's tokens are a prefix of all tokens.
TRAIN = [
    ("What is the colour of the sky?", " The sky is blue.", " I don't know, ask the cat about the stones in the path."),
    ("How do I make tea?", " Boil the water and pour it on the leaves. Wait for four minutes.", " No."),
    ("Tell me about the sea.", " The sea is wide and deep.", " The sea is the sea is the sea is the sea."),
    (
        "Anna has two loaves of bread. She gives one to Tom and one to her brother. How many loaves does she have now?",
        " None.",
        " She has ten loaves, because bread is good.",
    ),
    ("Where does the train stop?", " At the station by the lake.", " At the station by the sea, I think, or not."),
    ("Hi!", " Hello, how can I help you today?", " What."),
    (
        "The teacher asked the children for a line about the moon.",
        " The moon is far away and cold, and still it lights the path.",
        " Moon moon moon.",
    ),
    ("Is it late?", " It is: go home before it is dark.", " It is late and it is late and it is late and it is late."),
    ("Name three colours.", " Red, green and blue.", " One, two and three."),
    ("Count to five.", " 1, 2, 3, 4, 5.", " 1, 2, 3, 4, 6."),
    ("I am lost.", " Stay where you are and call for help.", " Then you are lost."),
    ("Say it softly:", " good night…", " GOOD NIGHT!"),
]

EVAL = [
    ("What is the colour of the garden?", " The garden is green.", " The cat is on the wall."),
    ("How many days are there in a week?", " There are seven days in a week.", " Twelve, or ten."),
    ("Where are the birds?", " In the tree.", " The birds looked at the piano and played it until the winter was over."),
    ("May I ask you something?", " Please do.", " No, and do not ask me why."),
]

# No prompt: it is what both texts have in common. Cuts to watch: before a space, inside a word,
# inside a token, at a full stop.
IMPLICIT = [
    ("Question: is tea hot? Answer: Yes, it is.", "Question: is tea hot? Answer: No, never."),
    ("Tom asked why. The wind took the kite.", "Tom asked why. They did not know."),
    ("Go home, it is dark.", "Go home, it is late."),
    ("The cat sat on the wall.", "The cat sat on the wall. The birds sat on the cat."),
    ("She put the letter away softly.", "She put the letter away, and the clock, and the boat, and the bread."),
    ("1, 2, 3, 4, 5", "1, 2, 3, 5, 4"),
    ("Wait for me.", "Wait four days."),  # "Wait fo" alone has other tokens than at the start of either text
]
